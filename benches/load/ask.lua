-- Asks the shipped cases in turn through POST /api/v1/ask.
local bodies = {}
for _, language in ipairs({ "en", "zh-Hans", "zh-Hant", "ru" }) do
  for line in io.lines("tests/cases/" .. language .. ".jsonl") do
    -- As it is written, escaped quotes and all, up to the next key.
    local text = line:match('"text":%s*"(.-)",%s*"')
    if text then bodies[#bodies + 1] = '{"text":"' .. text .. '"}' end
  end
end
local next_body = 0
request = function()
  next_body = next_body % #bodies + 1
  return wrk.format("POST", "/api/v1/ask", { ["Content-Type"] = "application/json" }, bodies[next_body])
end
