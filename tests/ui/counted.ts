// The last line, in the form in which all test runners of the project are counted.
import type { Reporter, TestModule, TestRunEndReason } from 'vitest/node';

export default class Counted implements Reporter {
  onTestRunEnd(
    modules: readonly TestModule[],
    unhandled: readonly unknown[],
    reason: TestRunEndReason,
  ): void {
    let passed = 0;
    let failed = unhandled.length;
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      passed += tests.filter((test) => test.result().state === 'passed').length;
      failed += tests.filter((test) => test.result().state === 'failed').length;
      // A file that could not be read has no tests to fail.
      if (tests.length === 0) failed += 1;
    }
    const word = failed === 0 && reason === 'passed' ? 'ok' : 'FAILED';
    console.log(`test result: ${word}. ${String(passed)} passed; ${String(failed)} failed; the window`);
  }
}
