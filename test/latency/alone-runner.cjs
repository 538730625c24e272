'use strict'

const { default: TestRunner } = require('jest-runner')

/** Runs the files of its project one by one, while no other runs: what is timed has the machine to itself. */
module.exports = class AloneRunner extends TestRunner {
  isSerial = true
}
