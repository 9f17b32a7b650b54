-- Tests the installed plugin in Neovim. In: folders in environment variables. Out: one line per check, and the exit code.
local data, project = vim.env.FUNNEL_DATA, vim.env.FUNNEL_PROJECT
local failed = false

local function report(what, good, more)
  local line = (good and 'ok ' or 'FAILED ') .. what .. (good and '' or ': ' .. tostring(more):gsub('\n', ' '))
  vim.fn.writefile({ line }, vim.env.FUNNEL_OUT, 'a')
  failed = failed or not good
end

local function try(what, does)
  local ran, good, more = pcall(does)
  report(what, ran and good, ran and more or good)
end

local function wait(is) return vim.wait(60000, is, 20) end

local function lines(path) return vim.fn.readfile(project .. '/' .. path) end

local function request(method, more)
  local params = vim.tbl_extend('force', { textDocument = { uri = vim.uri_from_bufnr(0) } }, more or {})
  for _, answer in pairs(vim.lsp.buf_request_sync(0, method, params, 60000) or {}) do
    return answer.result or error(vim.inspect(answer))
  end
  error('no answer to ' .. method)
end

-- Pairs of a capture prefix and its kind; the first match wins.
local kinds = vim.json.decode(table.concat(vim.fn.readfile(data .. '/highlight/kinds.json'), '\n')).captures

local function kind(capture)
  for _, pair in ipairs(kinds) do
    if vim.startswith(capture .. '.', pair[1] .. '.') then return pair[2] end
  end
  return 'none'
end

for _, name in ipairs({ 'plain', 'soft' }) do
  try('highlighting of ' .. name, function()
    vim.cmd.edit(data .. '/highlight/' .. name .. '.funnel')
    vim.treesitter.get_parser(0, 'funnel'):parse(true)
    assert(vim.treesitter.highlighter.active[vim.api.nvim_get_current_buf()], 'tree-sitter is not active')
    local wrong, count = {}, 0
    for _, row in ipairs(vim.fn.readfile(data .. '/highlight/' .. name .. '.tokens')) do
      local line, column, wanted = row:match('^(%d+):(%d+) (%l+) ')
      local byte = vim.fn.byteidx(vim.fn.getline(tonumber(line)), tonumber(column) - 1)
      local captures = vim.treesitter.get_captures_at_pos(0, tonumber(line) - 1, byte)
      local last = captures[#captures] and captures[#captures].capture or 'nothing'
      count = count + 1
      if kind(last) ~= wanted then table.insert(wrong, row .. ' but is ' .. last) end
    end
    return #wrong == 0 and count > 150, table.concat(wrong, '; ')
  end)
end

try('HTML and JSON inside strings', function()
  local email = {
    'on booking -> send email {',
    '  html: """',
    '    <p class="a">Dear {{ client.name }}</p>',
    '    """',
    '  subject: "Hi"',
    '} -> call "https://example.org/" {',
    '  data: """',
    '    { "name": "{{ client.name }}", "count": 5 }',
    '    """',
    '  id: booking.id',
    '}',
  }
  vim.fn.writefile(email, project .. '/email.funnel')
  vim.cmd.edit(project .. '/email.funnel')
  vim.treesitter.get_parser(0, 'funnel'):parse(true)
  local wrong = {}
  for _, row in ipairs({
    { 3, 'p class', 'html', 'tag' }, { 3, 'class', 'html', 'attribute' }, { 3, '{{', 'funnel', 'punctuation.special' },
    { 3, 'name', 'funnel', 'variable.member' }, { 3, '}}', 'funnel', 'punctuation.special' }, { 5, 'subject', 'funnel', 'property' },
    { 5, 'Hi', 'funnel', 'string' }, { 8, '{{', 'funnel', 'punctuation.special' }, { 8, 'client', 'funnel', 'variable' },
    { 8, '"count', 'json', 'string' }, { 8, '5', 'json', 'number' },
    { 10, 'id', 'funnel', 'property' },
  }) do
    local line, word, language, wanted = unpack(row)
    local captures = vim.treesitter.get_captures_at_pos(0, line - 1, email[line]:find(word, 1, true) - 1)
    local last, most = {}, 0
    for _, capture in ipairs(captures) do
      local priority = tonumber(capture.metadata.priority) or 100
      if priority >= most then last, most = capture, priority end
    end
    if last.lang ~= language or last.capture ~= wanted then
      table.insert(wrong, ('%d %s is %s %s'):format(line, word, last.lang, last.capture))
    end
  end
  vim.fn.delete(project .. '/email.funnel')
  return #wrong == 0, table.concat(wrong, '; ')
end)

try('the position of a finding', function()
  vim.cmd.edit(project .. '/came.funnel')
  wait(function() return #vim.diagnostic.get(0) > 0 end)
  local finding = vim.diagnostic.get(0)[1] or {}
  return finding.code == 'F0201' and finding.lnum == 1 and finding.col == 17 and finding.end_col == 24,
    vim.inspect(vim.diagnostic.get(0))
end)

try('hover', function()
  local answer = request('textDocument/hover', { position = { line = 1, character = 29 } })
  local text = vim.lsp.util.convert_input_to_markdown_lines(answer.contents)
  return table.concat(text, '\n'):find('wait', 1, true), vim.inspect(answer)
end)

try('a quick fix', function()
  vim.api.nvim_win_set_cursor(0, { 2, 18 })
  vim.lsp.buf.code_action({ apply = true, filter = function(action) return action.kind == 'quickfix' end })
  wait(function() return vim.fn.getline(2):find('if attended ->', 1, true) end)
  local cleared = wait(function() return #vim.diagnostic.get(0) == 0 end)
  return vim.fn.getline(2):find('if attended ->', 1, true) and cleared, vim.fn.getline(2)
end)

try('rename in two files', function()
  local column = vim.fn.getline(2):find('thanks', 1, true)
  vim.api.nvim_win_set_cursor(0, { 2, column })
  vim.lsp.buf.rename('gratitude')
  wait(function() return vim.fn.getline(2):find('gratitude', 1, true) end)
  vim.cmd.wall()
  local words, came = lines('words.funnel')[1], lines('came.funnel')[2]
  return words:find('template sms gratitude(', 1, true) and came:find('send sms gratitude', 1, true), words .. came
end)

try('completion in a placeholder', function()
  vim.cmd.edit(project .. '/words.funnel')
  local text = 'template sms more(booking) = "Dear {{ client. }}"'
  vim.fn.append(1, text)
  vim.wait(300)
  local answer = request('textDocument/completion', { position = { line = 1, character = #text - 4 } })
  local labels = vim.tbl_map(function(item) return item.label end, answer.items or answer)
  vim.cmd.undo()
  vim.bo.modified = false
  return vim.tbl_contains(labels, 'name') and vim.tbl_contains(labels, 'phone'), vim.inspect(labels)
end)

try('formatting on save', function()
  vim.cmd.edit(project .. '/layout.funnel')
  assert(wait(function() return #vim.lsp.get_clients({ bufnr = 0, name = 'funnelc' }) > 0 end), 'no server')
  vim.cmd('silent write!')
  local line = lines('layout.funnel')[2]
  return line:find('^  on visit %-> wait 3d %-> send sms'), line
end)

try('the page of a finding', function()
  vim.cmd('FunnelExplain F0201')
  return vim.fn.getline(1):find('^# F0201'), vim.fn.getline(1)
end)

vim.cmd(failed and 'cquit 1' or 'qall!')
