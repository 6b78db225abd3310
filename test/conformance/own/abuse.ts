/** Code that wastes time, memory or stack, as records write it. What real servers do with it is in `abuse.json`. */
export interface AbuseRecording {
  /** The versions that were asked, by release line. */
  readonly servers: Record<string, string>;
  /** By id and release line. */
  readonly outcomes: Record<string, Readonly<Record<string, string>>>;
}

const deep = (open: string, close: string, depth: number, middle = '1') =>
  `${open.repeat(depth)}${middle}${close.repeat(depth)}`;

const A = "'192.0.2.1'";

export const abuses: Readonly<Record<string, string>> = {
  'endless loop': '; while true do end',
  'endless repeat': '; repeat until false',
  'endless for': '; for i = 1, math.huge do end',
  'endless loop in a coroutine': `; coroutine.resume(coroutine.create(function() while true do end end)) return ${A}`,
  'endless loop in pcall': `; pcall(function() while true do end end) return ${A}`,
  'endless loop around pcall': '; while true do pcall(function() while true do end end) end',
  'endless loop around pcall of error': '; while true do pcall(error) end',
  'endless loop in __index': '; return setmetatable({}, { __index = function() while true do end end }).x',
  'endless loop in __concat': `; return setmetatable({}, { __concat = function() while true do end end }) .. 'x'`,
  'endless loop in a callback of gsub': "; return (('x'):gsub('x', function() while true do end end))",
  'endless loop in an order': `; table.sort({ 1, 2 }, function() while true do end end) return ${A}`,
  'endless loop in an error handler': "; xpcall(function() error('x') end, function() while true do end end)",
  'endless loop of record functions': "; while true do newCA('192.0.2.1') end",
  'endless loop of collectgarbage': '; while true do collectgarbage() end',
  'endless loop of coroutines': '; while true do coroutine.wrap(function() end)() end',
  'endless loop of gsub': "; while true do string.gsub('abc', '%w', '%0%0') end",
  'endless tail call': '; local function f() return f() end return f()',
  'loop of a hundred thousand': `; for i = 1, 1e5 do end return ${A}`,
  'loop of a hundred million': `; for i = 1, 1e8 do end return ${A}`,
  'sum of a hundred million': `; local x = 0 for i = 1, 1e8 do x = x + i end return ${A}`,
  'string of a gigabyte': "; return ('x'):rep(1e9)",
  'length of a string of a gigabyte': `; return #('x'):rep(1e9) > 1 and ${A}`,
  'string that doubles': "; local s = 'x' while true do s = s .. s end",
  'table that grows': '; local t = {} while true do t[#t + 1] = 1 end',
  'endless recursion': '; local function f() return 1 + f() end return f()',
  'recursion through pcall': `; local function f() return (pcall(f)) end f() return ${A}`,
  'recursion through __index':
    '; local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k] end return t.x',
  'recursion through gsub': "; local function f() return (('x'):gsub('x', f)) end return f()",
  'recursion through tostring':
    '; local t = setmetatable({}, {}) getmetatable(t).__tostring = function(x) return tostring(x) end return tostring(t)',
  'recursion through coroutines': '; local function f() return coroutine.wrap(f)() end return f()',
  'chain of __index': `; local t = {} for i = 1, 1000 do t = setmetatable({}, { __index = t }) end return t.x or ${A}`,
  'circle of __index': '; local t = {} setmetatable(t, { __index = t }) return t.x',
  'find that backtracks': "; return tostring(('a'):rep(1e4):find('.-.-.-.-b$'))",
  'match that backtracks': "; return tostring(('a'):rep(1e4):match('^(a*)(a*)(a*)(a*)b'))",
  'gmatch that backtracks': `; for x in ('a'):rep(1e4):gmatch('a*a*a*a*b') do end return ${A}`,
  'gsub that backtracks': "; return (('a'):rep(1e4):gsub('.-.-.-.-b$', ''))",
  'pattern of many parts': "; return tostring(('a'):rep(1e5):find(('a?'):rep(1e5)))",
  'pattern of three hundred parts': "; return tostring(('a'):rep(1e3):find(('a?'):rep(300)))",
  'strings that collide': `; local t = {} for i = 1, 60000 do t[i] = ('x'):rep(500) .. ('%07d'):format(i) .. ('x'):rep(493) end return ${A}`,
  'order that is none': `; local t = {} for i = 1, 1000 do t[i] = i end table.sort(t, function() return true end) return ${A}`,
  'random order': `; local t = {} for i = 1, 1000 do t[i] = i * 7919 % 1009 end table.sort(t, function(a, b) return a % 7 < b % 5 end) return ${A}`,
  'width beyond two digits': "; return ('%99999d'):format(1)",
  'widest width': "; return ('%99.99f'):format(1):len() .. ''",
  'format of many widths':
    "; return #(('%99d'):rep(200)):format(unpack((function() local t = {} for i = 1, 200 do t[i] = 1 end return t end)())) .. ''",
  'concat of many': "; local t = {} for i = 1, 1e5 do t[i] = 'x' end return #table.concat(t) .. ''",
  'concat of a wide range': "; return table.concat({}, ',', 1, 1e9)",
  'unpack of a wide range': '; return unpack({}, 1, 1e8)',
  'select of a wide range': "; return select('#', unpack({}, 1, 7000)) .. ''",
  'parentheses nested 150 deep': deep('(', ')', 150, A),
  'parentheses nested 5000 deep': deep('(', ')', 5000, A),
  'tables nested 150 deep': `; return ${deep('{', '}', 150)} and ${A}`,
  'tables nested 5000 deep': `; return ${deep('{', '}', 5000)} and ${A}`,
  'functions nested 150 deep': `; return ${deep('function() return ', ' end', 150)} and ${A}`,
  'functions nested 2000 deep': `; return ${deep('function() return ', ' end', 2000)} and ${A}`,
  'blocks nested 150 deep': `; ${'do '.repeat(150)}${'end '.repeat(150)} return ${A}`,
  'blocks nested 5000 deep': `; ${'do '.repeat(5000)}${'end '.repeat(5000)} return ${A}`,
  'concatenation of 150': `${"'' .. ".repeat(150)}${A}`,
  'concatenation of 5000': `${"'' .. ".repeat(5000)}${A}`,
  'minus 5000 times': `; return ${'- '.repeat(5000)}1`,
  'list of four thousand numbers': `; return #{ ${'1, '.repeat(4000)} } == 4000 and ${A}`,
  'list of four thousand addresses': `pickrandom({ ${`${A}, `.repeat(4000)} })`,
  'fifty thousand statements': `; local x = 1 ${'x = x '.repeat(8000)} return ${A}`,
  'three hundred locals': `; ${Array.from({ length: 300 }, (_, i) => `local a${i} `).join('')} return ${A}`,
};
