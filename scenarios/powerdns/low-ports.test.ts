import { expect, test } from 'vitest';
import { raiseLowPorts } from './low-ports.ts';

test.each([
  ["ifurlup('https://a.test/healthz', {'127.20.7.2'})", "ifurlup('https://a.test:30443/healthz', {'127.20.7.2'})"],
  ["ifurlup('http://a.test', {'127.20.7.2'})", "ifurlup('http://a.test:30080', {'127.20.7.2'})"],
  ["ifurlup('http://a.test:81/', {'127.20.7.2'})", "ifurlup('http://a.test:30081/', {'127.20.7.2'})"],
  ["ifportup(443, {'127.20.7.2','127.20.7.3:80'})", "ifportup(30443, {'127.20.7.2','127.20.7.3:30080'})"],
])('%s names ports that anybody may listen on', (written, raised) => {
  expect(raiseLowPorts(written)).toBe(raised);
});

test.each(["ifurlup('http://a.test:8080/', {'127.20.7.2'})", 'ifportup(5432, {})', 'api 30 IN TXT 443'])(
  '%s stays as it is',
  (written) => {
    expect(raiseLowPorts(written)).toBe(written);
  },
);
