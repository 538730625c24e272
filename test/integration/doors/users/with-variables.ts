/** Does something with these variables of the environment, and puts back those that were there. */
export async function withVariables<T>(
  variables: Readonly<Record<string, string | undefined>>,
  act: () => Promise<T>,
): Promise<T> {
  const before = { ...process.env }
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) Reflect.deleteProperty(process.env, name)
    else process.env[name] = value
  }
  try {
    return await act()
  } finally {
    process.env = before
  }
}
