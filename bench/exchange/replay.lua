-- Sends requests that were signed beforehand, each once: the gateway refuses a replay.
local requests, sent = {}, 0

function init(args)
  local file = io.open(args[1], "rb")
  local text = file:read("*a")
  file:close()
  local from = 1
  while true do
    local to = string.find(text, "\0", from, true)
    if not to then break end
    requests[#requests + 1] = string.sub(text, from, to - 1)
    from = to + 1
  end
end

function request()
  sent = sent + 1
  return requests[sent] or requests[#requests]
end
