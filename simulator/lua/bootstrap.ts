/**
 * The Lua that turns a fresh Lua 5.1 into what records of PowerDNS find, run once a machine. Three things happen here:
 *
 * - Each evaluation gets an environment of its own: reads fall through to shared globals, writes stay inside, libraries are
 *   copied on first use. So nothing that a record leaves behind is seen by the next, as in PowerDNS.
 * - Functions that LuaJIT has more of, or writes otherwise, are replaced. All names and results were compared with servers.
 * - What reaches for the host, or hangs on the hash order or the address of something, ends the prediction.
 *
 * Helpers of the host arrive as globals that start with two underscores and are gone afterwards.
 */
export const BOOTSTRAP = `
local opaque, variable, gate, explain_refusal, caught_overflow = __opaque, __variable, __gate, __explain_refusal, __caught_overflow
local unordered, included, format_number, parse_number, log_to_base = __unordered, __included, __format_number, __parse_number, __log_to_base
local lua52, is_host_error, number_text, chunk_name = __lua52, __is_host_error, __number_text, __chunk_name
local type, select, error, pcall, rawset, rawget, getmetatable, setmetatable = type, select, error, pcall, rawset, rawget, getmetatable, setmetatable
local pairs, next, tostring, tonumber, xpcall, loadstring, getfenv, setfenv, unpack = pairs, next, tostring, tonumber, xpcall, loadstring, getfenv, setfenv, unpack
local find, match, gmatch, gsub, sub, rep, char, byte, raw_format = string.find, string.match, string.gmatch, string.gsub, string.sub, string.rep, string.char, string.byte, string.format
local floor = math.floor
local globals, environment_meta = _G, {}

local function refuse(reason) return function() opaque(reason) end end
local function is_environment(value) return type(value) == 'table' and getmetatable(value) == environment_meta end
local function string_argument(value)
  if type(value) ~= 'string' and type(value) ~= 'number' then error('string expected, got ' .. type(value), 3) end
  return value .. ''
end

-- What reaches for the host.
for _, name in ipairs(__unsimulated) do _G[name] = refuse(name .. ' is not simulated') end
for _, name in ipairs{'execute', 'exit', 'getenv', 'remove', 'rename', 'tmpname', 'setlocale'} do
  os[name] = refuse('os.' .. name .. ' reaches for the host')
end
for _, name in ipairs{'time', 'date', 'clock'} do os[name] = refuse('os.' .. name .. ' depends on the time of the query') end
for _, name in ipairs{'random', 'randomseed'} do math[name] = refuse('math.' .. name .. ' is a generator inside the server') end
local function closed(library, functions)
  local members = {}
  for name in gmatch(functions, '%a+') do members[name] = refuse(library .. '.' .. name .. ' reaches for the host') end
  return setmetatable(members, { __index = function(_, key) opaque(library .. '.' .. tostring(key) .. ' is known to the server only') end })
end
io = closed('io', 'close flush input lines open output popen read tmpfile type write')
package = closed('package', 'loadlib seeall')
debug = closed('debug', 'debug getfenv gethook getinfo getlocal getmetatable getregistry getupvalue setfenv sethook setlocal setmetatable setupvalue traceback')
jit = closed('jit', 'attach flush on status')
local jit_off, counted = __jit_off, __counted
jit.off = function(...)
  if select('#', ...) > 0 then opaque('jit.off of one function is not simulated') end
  jit_off()
end
dofile, loadfile, module = refuse('dofile reaches for the host'), refuse('loadfile reaches for the host'), refuse('module reaches for the host')
print = function() end
collectgarbage = function(option)
  if option == nil or option == 'collect' then return 0 end
  opaque('what the garbage collector says depends on the server')
end
string.gfind, math.mod, table.setn = nil, nil, nil

-- Order and identity.
local function check_order(value, what)
  if is_environment(value) then opaque(what .. ' walks over all globals') end
  if type(value) == 'table' and unordered(value) then opaque('the order of ' .. what .. ' hangs on the hash of the keys') end
end
_G.pairs = function(value)
  check_order(value, 'pairs')
  return pairs(value)
end
_G.next = function(value, key)
  if key == nil then check_order(value, 'next') end
  return next(value, key)
end
local raw_foreach = table.foreach
table.foreach = function(value, ...)
  check_order(value, 'table.foreach')
  return raw_foreach(value, ...)
end
_G.type = function(...)
  local kind = type(...)
  if kind == 'userdata' and is_host_error((...)) then opaque('the code looks at an error that a function of PowerDNS raised') end
  return kind
end
_G.tostring = function(...)
  local value = ...
  local text, kind = tostring(...), type(value)
  if kind == 'table' or kind == 'function' or kind == 'thread' or kind == 'userdata' then
    if type(text) == 'string' and find(text, '^%a+: 0?x?%x+$') then opaque('the text of a ' .. kind .. ' is an address in the server') end
  elseif kind == 'number' then
    return number_text(value)
  end
  return text
end
_G.getmetatable = function(...)
  if is_environment((...)) then return nil end
  if type((...)) == 'userdata' then opaque('the metatable of an object is known to the server only') end
  return getmetatable(...)
end
_G.setmetatable = function(value, ...)
  if is_environment(value) then opaque('a metatable for all globals is not simulated') end
  return setmetatable(value, ...)
end
_G.rawget = function(value, key)
  if is_environment(value) then return value[key] end
  return rawget(value, key)
end

-- LuaJIT's library.
local function check_pattern(pattern)
  if type(pattern) ~= 'string' then return end
  if find(pattern, '%g', 1, true) or find(pattern, '%G', 1, true) or find(pattern, '\\0', 1, true) then
    opaque('the pattern needs the matcher of LuaJIT')
  end
  -- LuaJIT gives up where it has to remember more than two hundred places; how many it does hangs on the subject.
  if #pattern > 200 and select(2, gsub(pattern, '[*+?()-]', '')) > 190 then
    opaque('the pattern may be too complex for LuaJIT')
  end
end
string.find = function(...)
  local _, pattern, _, plain = ...
  if not plain then check_pattern(pattern) end
  return find(...)
end
for name, original in pairs{match = match, gmatch = gmatch, gsub = gsub} do
  string[name] = function(...)
    local _, pattern = ...
    check_pattern(pattern)
    return original(...)
  end
end
local function repeated(text, count)
  local number = tonumber(count)
  if type(text) ~= 'string' or not number or #text * number < 1000 then return rep(text, count) end
  if #text * number > 1e8 then opaque('not enough memory') end
  number = floor(number)
  local whole = ''
  while number > 0 do
    if number % 2 == 1 then whole = whole .. text end
    number = floor(number / 2)
    if number > 0 then text = text .. text end
  end
  return whole
end
string.rep = function(text, count, separator)
  if separator == nil then return repeated(text, count) end
  if tonumber(count) < 1 then return '' end
  return repeated(string_argument(text) .. string_argument(separator), count - 1) .. text
end
string.dump = refuse('string.dump gives the byte code of LuaJIT')
local function format_one(flags, width, dot, precision, letter, value)
  if letter == 's' then
    local text = string_argument(_G.tostring(value))
    if dot ~= '' then text = sub(text, 1, tonumber(precision) or 0) end
    local fill = rep(' ', (tonumber(width) or 0) - #text)
    if find(flags, '-', 1, true) then return text .. fill end
    return fill .. text
  elseif letter == 'q' then
    local text = string_argument(value)
    if find(text, '%c') then opaque('string.format writes control characters as LuaJIT does') end
    return raw_format('%q', text)
  elseif find(letter, '^[diuxXocfeEgG]$') then
    local number = tonumber(value)
    if number == nil then error('number expected, got ' .. type(value), 0) end
    if letter == 'c' then return char(number % 256) end
    local digits = -1
    if dot ~= '' then digits = tonumber(precision) or 0 end
    return format_number(flags, tonumber(width) or 0, digits, letter, number)
  elseif find(letter, '^[aAp]$') then
    opaque('string.format with %' .. letter .. ' is not simulated')
  end
  error("invalid option to 'format'", 0)
end
string.format = function(pattern, ...)
  local values, count, used = { ... }, select('#', ...), 0
  local text = gsub(string_argument(pattern), '%%([-+ #0]*)(%d*)(%.?)(%d*)(.?)', function(flags, width, dot, precision, letter)
    if letter == '%' and flags .. width .. dot .. precision == '' then return '%' end
    if #width > 2 or #precision > 2 then error('invalid format (width or precision too long)', 0) end
    used = used + 1
    if used > count then error('bad argument to format: no value', 0) end
    return format_one(flags, width, dot, precision, letter, values[used])
  end)
  return text
end
_G.tonumber = function(...)
  local value, base = ...
  if base ~= nil and base ~= 10 then return parse_number(string_argument(value), base) end
  if type(value) ~= 'string' then return tonumber((...)) end
  local sign, digits = match(value, '^%s*([+-]?)0[bB]([01]+)%s*$')
  if digits then return parse_number(sign .. digits, 2) end
  if find(value, '^%s*[+-]?[%d.][%x.xX]*[uU]?[lL][lL]%s*$') or find(value, '^%s*[+-]?[%d.][%x.xX]*[iI]%s*$') then
    opaque('numbers of 64 bits are not simulated')
  end
  if find(value, '^%s*[+-]?0[xX]%s*$') then return nil end
  return tonumber(value)
end
local raw_log = math.log
math.log = function(value, base)
  if base == nil then return raw_log(value) end
  return log_to_base(raw_log(value) and value + 0, base + 0)
end
table.move = function(from, first, last, to, target)
  target = target or from
  if first >= to or last < to then
    for i = 0, last - first do target[to + i] = from[first + i] end
  else
    for i = last - first, 0, -1 do target[to + i] = from[first + i] end
  end
  return target
end
if lua52 then
  table.pack = function(...) return { n = select('#', ...), ... } end
  table.unpack = unpack
  rawlen = function(value)
    if type(value) ~= 'table' and type(value) ~= 'string' then error('table or string expected') end
    return #value
  end
  coroutine.running = refuse('coroutine.running gives the main thread in this build of LuaJIT')
end
coroutine.isyieldable = refuse('coroutine.isyieldable is not simulated')
local function watched(ok, message, ...)
  if not ok and (message == 'not enough memory' or message == 'attempt to yield across metamethod/C-call boundary') then
    opaque(message .. ': LuaJIT would go on')
  end
  if not ok and type(message) == 'string' and find(message, 'C stack overflow', 1, true) then caught_overflow(message) end
  return ok, message, ...
end
_G.pcall = function(...) return watched(pcall(...)) end
_G.xpcall = function(called, handler, ...)
  if type(handler) ~= 'function' then error('function expected') end
  local count = select('#', ...)
  if count == 0 then return watched(xpcall(called, handler)) end
  local values = { ... }
  return watched(xpcall(function() return called(unpack(values, 1, count)) end, handler))
end
bit = {}
for _, name in ipairs{'band', 'bor', 'bxor', 'bnot', 'lshift', 'rshift', 'arshift', 'rol', 'ror', 'bswap', 'tobit', 'tohex'} do
  bit[name] = _G['__bit_' .. name]
  _G['__bit_' .. name] = nil
end

-- Code out of text runs in the environment of its evaluation.
local function compile(environment, code, name)
  if byte(code) == 27 then opaque('byte code is not simulated') end
  local plain = gate(code)
  if not plain then return nil, 'syntax error' end
  local chunk, message = loadstring(plain, chunk_name(name or code))
  if not chunk then
    explain_refusal(plain)
    return nil, message
  end
  return setfenv(chunk, environment)
end
local makers = {}
function makers.loadstring(environment)
  return function(code, name)
    if type(code) ~= 'string' then error('string expected, got ' .. type(code)) end
    return compile(environment, code, name)
  end
end
function makers.load(environment)
  return function(code, name, mode, own)
    if type(code) == 'function' then
      local pieces = {}
      for piece in code do
        if piece == '' then break end
        pieces[#pieces + 1] = piece
      end
      code = table.concat(pieces)
    elseif type(code) ~= 'string' then
      error('string or function expected, got ' .. type(code))
    end
    if mode ~= nil and not find(mode, 't', 1, true) then return nil, 'attempt to load chunk with wrong mode' end
    local chunk, message = compile(environment, code, name)
    if chunk and own ~= nil then
      if type(own) == 'table' and not is_environment(own) then rawset(own, '__counted', counted) end
      setfenv(chunk, own)
    end
    return chunk, message
  end
end
function makers.getfenv(environment)
  return function(level)
    local found
    if type(level) == 'function' then found = getfenv(level)
    elseif level == 0 then found = environment
    else found = getfenv((level or 1) + 1) end
    if found == globals then return environment end
    return found
  end
end
function makers.include(environment)
  return function(...)
    if select('#', ...) ~= 1 then error('include takes one argument') end
    for _, code in ipairs(included((...))) do
      local chunk = compile(environment, code)
      -- An error is logged; the records that follow are not run.
      if not (chunk and pcall(chunk)) then return end
    end
  end
end
function makers.require(environment)
  return function(name)
    if name == 'bit' or name == 'string' or name == 'table' or name == 'math' then return environment[name] end
    opaque('require reaches for the host')
  end
end

local variables, libraries = {}, {}
for _, name in ipairs{'qname', 'zone', 'zoneid', 'who', 'ecswho', 'bestwho', 'localwho', 'dh', 'dnssecOK', 'tcp', 'ednsPKTSize'} do variables[name] = true end
for _, name in ipairs{'string', 'table', 'math', 'os', 'coroutine', 'bit', 'pdns', 'pdns_features', 'GeoIPQueryAttribute'} do libraries[name] = _G[name] end
local string_meta = { __newindex = function(_, key) opaque('string.' .. tostring(key) .. ' is replaced by the code') end }
for _, name in ipairs{'opaque', 'variable', 'gate', 'explain_refusal', 'caught_overflow', 'jit_off', 'unordered', 'included', 'format_number', 'parse_number', 'log_to_base', 'lua52', 'is_host_error', 'number_text', 'chunk_name', 'unsimulated'} do
  _G['__' .. name] = nil
end
-- What environments have had from here, or have been given: where it is not there any more, the code has set it to nil.
local had = setmetatable({}, { __mode = 'k' })
local function take(environment, key)
  local keys = had[environment]
  if keys then keys[key] = true else had[environment] = { [key] = true } end
end
environment_meta.__newindex = function(environment, key, value)
  if key ~= nil then take(environment, key) end
  rawset(environment, key, value)
end
environment_meta.__index = function(environment, key)
  local keys = had[environment]
  if keys and keys[key] then return nil end
  local value
  if variables[key] then value = variable(key)
  elseif key == '_G' then value = environment
  elseif makers[key] then value = makers[key](environment)
  elseif libraries[key] then
    value = {}
    for name, member in pairs(libraries[key]) do value[name] = member end
    if key == 'string' then setmetatable(value, string_meta) end
  else return globals[key] end
  take(environment, key)
  rawset(environment, key, value)
  return value
end
__environment = environment_meta
`;
