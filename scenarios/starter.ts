/** A first scenario to change: everything in it is explained where it stands. */
import { stringify } from 'yaml';

export function starterScenario(name: string): string {
  return `scenario: v1
name: ${stringify(name, { lineWidth: 0 }).trim()}
shows: >-
  What a reader learns from it, in a sentence or two.

# Release lines of PowerDNS; each is run. All five: profiles: all
profiles: ["5.1"]
# How the rounds of checks lie to the timeline: tried so many ways; all proves the result for every one of them.
phase: { sweep: 10 }

servers:
  ns1: { vantage: fsn, settings: { lua-health-checks-interval: 5s } }

# What is probed. Addresses may be any; documentation addresses say that they are nobody's.
targets:
  fsn: { address: 192.0.2.10, http: 200, latency: 5ms }
  hel: { address: 192.0.2.20, http: 200, latency: 30ms }

zone: |
  $ORIGIN acme.test.
  api 30 IN LUA A "ifurlup('https://api.acme.test/healthz', {{'192.0.2.10'},{'192.0.2.20'}})"

clients:
  eu: { subnet: 198.51.100.0/24 }

# PowerDNS checks only what is asked for.
traffic:
  - { name: api.acme.test, from: eu, every: 1s }

# What happens, and for how long. Everything starts at 0s.
timeline:
  - { at: 60s, for: 60s, target: fsn, http: 503 }

# What must be true: when, who (everybody, if nobody is named), what.
expect:
  - { within: [15s, 60s], client: eu, answer: [fsn] }
  - { by: 75s, client: eu, answer: [hel] }       # and until the fault ends at 120s
  - { by: 135s, client: eu, answer: [fsn] }
  - { always: true, rcode: NOERROR }
  - { always: true, max-flips: 4 }
`;
}
