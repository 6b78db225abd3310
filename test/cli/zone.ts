/** The zone that the tests of the command line ask about. All of its targets are on loopback. */
export const zoneText = `$ORIGIN acme.test.
$TTL 60
@ IN SOA ns.acme.test. host.acme.test. 7 3600 600 86400 60
@ IN NS ns.acme.test.
ns IN A 127.0.0.1
api 30 IN LUA A "ifportup(1, {'127.0.2.1', '127.0.2.2'})"
web 30 IN LUA A "ifurlup('http://web.acme.test:1/', {{'127.0.2.10'}, {'127.0.2.20', '127.0.2.21'}})"
both 30 IN LUA A "ifportup(1, {'127.0.2.1'})"
six 30 IN LUA AAAA "ifportup(1, {'::1'})"
who 30 IN LUA TXT "bestwho:toString()"
any 30 IN LUA A "pickrandom({'127.0.2.1', '127.0.2.2'})"
`;

/** Records that are wrong, each in its way. */
export const wrongRecords = `loop 30 IN LUA A "; while true do end"
host 30 IN LUA A "; os.execute('true') return '127.0.0.1'"
syntax 30 IN LUA A "ifportup(1, {'127.0.2.1', )"
first 30 IN LUA A "ifportup(1, {'127.0.2.1', '127.0.2.2'}, {selector='pickfirst'})"
`;

export const namedConf = `zone "acme.test" { type native; file "acme.test.zone"; };
`;
