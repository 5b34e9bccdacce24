// dependency-cruiser 17 asks swc to read every file as plain TypeScript, so JSX is a syntax error to it. Loaded before it,
// this tells swc which files hold JSX.
const swc = require('@swc/core');

const { parseFileSync } = swc;
swc.parseFileSync = (file, options) => parseFileSync(file, { ...options, tsx: file.endsWith('.tsx') });
