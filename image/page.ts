/** `npm run page` makes the page's template from `src/page/browser`: one HTML file with script and style in it. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { dataPlace, templateFile } from '../src/page/document.ts';

const root = path.resolve(import.meta.dirname, '..');

/** The same sources give the same text. */
export async function pageTemplate(): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['src/page/browser/main.ts', 'src/page/browser/page.css'],
    outdir: 'dist',
    entryNames: '[name]',
    bundle: true,
    write: false,
    format: 'iife',
    target: ['chrome120', 'firefox121', 'safari17.4'],
    minify: true,
    // Short lines keep a difference readable.
    lineLimit: 200,
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'warning',
  });
  const textOf = (name: string): string => {
    const file = outputFiles.find((one) => one.path.endsWith(name));
    if (file === undefined) throw new Error(`esbuild: expected ${name}, got none`);
    return file.text.trim();
  };
  // A script or style element ends at its closing tag, wherever that stands.
  const [script, style] = [textOf('.js').replaceAll('</', '<\\/'), textOf('.css')];
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    'img-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en" data-theme="auto">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>realmem</title>
<style>${style}</style>
</head>
<body>
<div id="app"><noscript>This page needs JavaScript.</noscript><p class="loading">Reading the figures …</p></div>
${dataPlace}
<script>${script}</script>
</body>
</html>
`;
}

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

if (import.meta.main) {
  const file = path.join(root, 'src/page', templateFile);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, await pageTemplate());
}
