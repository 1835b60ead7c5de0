#!/usr/bin/env node
// The command line: starts a whole Postfold on this machine, or administers a running one.
console.log('hello', process.version, process.argv.slice(2));
