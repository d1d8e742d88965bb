// Every text and control colour keeps its WCAG 2.2 AA ratio on every ground it is put on, in both themes.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, test } from 'node:test';

const css = fs.readFileSync(new URL('../../style/tokens.css', import.meta.url), 'utf8');
const TOKEN = /--([\w-]+):\s*oklch\(([\d.]+) ([\d.]+) ([\d.]+)(?: \/ [\d.]+)?\)/g;
const read = (text) => Object.fromEntries([...text.matchAll(TOKEN)].map(([, name, l, c, h]) => [name, { l: +l, c: +c, h: +h }]));

const dark = css.indexOf('@variant dark');
const end = css.indexOf('/* Sizes');
const light = read(css.slice(0, dark));
const themes = { light, dark: { ...light, ...read(css.slice(dark, end)) } };

// Björn Ottosson's OKLab to linear sRGB.
function linear({ l, c, h }) {
  const a = c * Math.cos((h * Math.PI) / 180);
  const b = c * Math.sin((h * Math.PI) / 180);
  const long = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const medium = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (l - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
    -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
    -0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short,
  ];
}

// A browser lowers the chroma of what its screen cannot show.
function shown(token) {
  let { c } = token;
  let value = linear(token);
  while (c > 0 && value.some((part) => part < -0.0005 || part > 1.0005)) {
    c -= 0.001;
    value = linear({ ...token, c });
  }
  return value.map((part) => Math.min(1, Math.max(0, part)));
}

function luminance(token) {
  const [r, g, b] = shown(token);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function ratio(one, other) {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

const GROUNDS = ['surface', 'canvas', 'sunken', 'raised', 'accent-row', 'accent-soft'];
const PAIRS = [
  ...['ink', 'ink-2', 'ink-3', 'accent-text'].map((text) => [text, GROUNDS, 4.5]),
  ...['ok', 'warn', 'bad', 'info', 'plain', 'clay', 'iris'].flatMap((mood) => [
    [`${mood}-text`, ['surface', 'canvas', 'raised', `${mood}-soft`], 4.5],
    ['ink-on', [`${mood}-fill`], 4.5],
  ]),
  ['ink-on', ['accent', 'accent-hover'], 4.5],
  ['line-control', ['surface', 'raised', 'canvas', 'sunken'], 3],
  ['focus', ['surface', 'canvas', 'raised'], 3],
];

describe('colours', () => {
  for (const [name, tokens] of Object.entries(themes)) {
    for (const [front, grounds, least] of PAIRS) {
      test(`${front} on ${grounds.join(', ')} can be read in ${name}`, () => {
        for (const ground of grounds) {
          assert.ok(tokens[front] && tokens[ground], `tokens.css has no ${tokens[front] ? ground : front}`);
          const found = ratio(tokens[front], tokens[ground]);
          assert.ok(found >= least, `${front} on ${ground}: ${found.toFixed(2)}, needs ${least}`);
        }
      });
    }
  }
});
