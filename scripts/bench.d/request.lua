-- Sends the request of a file over and over; each {n} in it becomes a new number of n digits.
local threads = 0
local parts, lowest, highest = {}, {}, {}
local random, concat = math.random, table.concat

function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  local text = file:read("*a")
  file:close()
  local from = 1
  for at, digits, after in text:gmatch("(){(%d)}()") do
    parts[#parts + 1] = text:sub(from, at - 1)
    parts[#parts + 1] = ""
    lowest[#lowest + 1] = 10 ^ (digits - 1)
    highest[#highest + 1] = 10 ^ digits - 1
    from = after
  end
  parts[#parts + 1] = text:sub(from)
  -- Two threads must not ask for the same keys in the same order.
  math.randomseed(os.time() * 16 + number)
end

function request()
  for at = 1, #lowest do
    parts[2 * at] = random(lowest[at], highest[at])
  end
  return concat(parts)
end
