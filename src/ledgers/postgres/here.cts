/** This folder. CommonJS in sources and both builds: `import.meta` is no word in one of them, `__dirname` none in the other. */
export = __dirname
