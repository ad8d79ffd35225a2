// Prints the sum over the suites whose JSON reports lie in the folder given; fails when one failed or none ran.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

const folder = process.argv[2] ?? '.';
const reports = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
const sum = (count) => reports.reduce((total, report) => total + count(report), 0);
const passed = sum((report) => report.numPassedTests);
const failed = sum((report) => report.numFailedTests);
const skipped = sum((report) => report.numPendingTests + (report.numTodoTests ?? 0));
process.exitCode = passed > 0 && reports.every((report) => report.success) ? 0 : 1;
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
