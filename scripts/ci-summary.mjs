import { readFileSync } from 'node:fs'
import { argv, exit } from 'node:process'

/*
 * Counts a CI run: node scripts/ci-summary.mjs <Jest's JSON> <exit code of the tests> <exit code of the checks>.
 * The checks count as one, and so does a test run that failed without a failing test: one that could not start.
 */

const [resultsPath, testStatus, checkStatus] = argv.slice(2)

function readResults() {
  try {
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(
      readFileSync(resultsPath, 'utf8'),
    )
    return { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites }
  } catch {
    return { passed: 0, failed: 0 }
  }
}

let { passed, failed } = readResults()
if (testStatus !== '0' && failed === 0) failed++
if (testStatus === '0' && passed === 0) failed++
if (checkStatus === '0') passed++
else failed++

console.log(`${passed} passed, ${failed} failed`)
exit(failed === 0 ? 0 : 1)
