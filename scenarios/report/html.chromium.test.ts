/** The page in a real browser, where there is one. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { libraryResults } from './fixtures/results.ts';
import { htmlReport } from './html.ts';
import { reportOf } from './make.ts';

const browser = ['chromium', 'chromium-browser', 'google-chrome'].find(
  (name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0,
);
const why = browser === undefined ? ' (skipped: neither chromium nor google-chrome is on the PATH)' : '';

/** Points at the first mark of the first figure, and writes down what the page looks like then. */
const PROBE = `<script>
const mark = document.querySelector('.mark rect');
const { x, y } = mark.getBoundingClientRect();
mark.dispatchEvent(new PointerEvent('pointermove', { bubbles: true, clientX: x + 1, clientY: y + 1 }));
const wide = [...document.querySelectorAll('body *')].filter((each) => each.closest('.scroll, .table') === null);
document.body.setAttribute('data-seen', JSON.stringify({
  readout: document.querySelector('.readout').textContent,
  overflows: wide.some((each) => each.getBoundingClientRect().right > document.documentElement.clientWidth + 1),
  ground: getComputedStyle(document.body).backgroundColor,
  clipped: [...document.querySelectorAll('.plot text, .labels text')].filter((each) => {
    const svg = each.ownerSVGElement.getBoundingClientRect();
    const box = each.getBoundingClientRect();
    return box.right > svg.right + 2 || svg.left - 2 > box.left;
  }).map((each) => each.textContent),
}));
</script></body>`;

describe.skipIf(browser === undefined)(`in a browser${why}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'pdns-shadow-report-'));
  const page = join(folder, 'report.html');
  beforeAll(() => {
    const html = htmlReport(libraryResults().map((result) => reportOf(result)));
    writeFileSync(
      page,
      html.replace('</body>', () => PROBE),
    );
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function seen(width: number, scheme: 'light' | 'dark') {
    const flags = [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      `--user-data-dir=${join(folder, `${width}-${scheme}`)}`,
      `--blink-settings=preferredColorScheme=${scheme === 'dark' ? 0 : 1}`,
      `--window-size=${width},1000`,
      '--enable-logging=stderr',
      '--v=0',
      '--dump-dom',
      pathToFileURL(page).href,
    ];
    const { stdout, stderr } = spawnSync(browser ?? '', flags, {
      encoding: 'utf8',
      timeout: 60_000,
      maxBuffer: 2 ** 26,
    });
    const text = /data-seen="([^"]*)"/.exec(stdout)?.[1] ?? '{}';
    const complaints = stderr.split('\n').filter((line) => line.includes('CONSOLE'));
    return { ...JSON.parse(text.replaceAll('&quot;', '"').replaceAll('&amp;', '&')), complaints };
  }

  test.each([
    [1200, 'light', 'rgb(255, 255, 255)'],
    [500, 'dark', 'rgb(20, 23, 26)'],
  ] as const)(
    'at %i pixels and in the %s, it reads what is pointed at, complains of nothing and fits',
    (width, scheme, ground) => {
      expect(seen(width, scheme)).toMatchObject({
        readout: '60 s to 180 s: hel: http 503, flaps 3 s so, 7 s at rest (line 28)',
        overflows: false,
        ground,
        complaints: [],
      });
    },
    90_000,
  );

  test('at 1200 pixels no text of a figure is cut off', () => {
    expect(seen(1200, 'light').clipped).toEqual([]);
  }, 90_000);
});
