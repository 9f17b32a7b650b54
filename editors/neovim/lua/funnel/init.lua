-- Shared by all parts of the plugin: the location of the program, building the parser, and the commands.
local M = {}

--- The plugin folder.
M.folder = vim.fn.fnamemodify(debug.getinfo(1, 'S').source:sub(2), ':p:h:h:h')

--- Returns the command line of the program. `vim.g.funnel_program` is its path if it is not in PATH,
--- `vim.g.funnel_language` the language of findings (`en` or `ru`).
function M.command(...)
  local command = { vim.g.funnel_program or 'funnelc' }
  if vim.g.funnel_language then vim.list_extend(command, { '--lang', vim.g.funnel_language }) end
  return vim.list_extend(command, { ... })
end

--- Starts the language server for a buffer in Neovim 0.10, which has no `vim.lsp.enable`.
function M.start(buffer)
  local markers = { 'funnel.toml', '.git' }
  local file = vim.api.nvim_buf_get_name(buffer)
  local root = vim.fs.root(buffer, markers) or (file ~= '' and vim.fs.dirname(file)) or vim.uv.cwd()
  vim.lsp.start({ name = 'funnelc', cmd = M.command('lsp'), root_dir = root }, { bufnr = buffer })
end

--- Builds the parser for highlighting. Returns whether it was built, and the error message of the compiler if not.
function M.build()
  local target = M.folder .. '/parser'
  vim.fn.mkdir(target, 'p')
  local compiler = vim.env.CC or vim.iter({ 'cc', 'gcc', 'clang', 'zig' }):find(function(name)
    return vim.fn.executable(name) == 1
  end)
  if not compiler then return false, 'no C compiler found: install cc, gcc, clang or zig' end
  local command = compiler == 'zig' and { 'zig', 'cc' } or { compiler }
  vim.list_extend(command, { '-O2', '-shared', '-fPIC', '-I', M.folder .. '/src', '-o', target .. '/funnel.so' })
  vim.list_extend(command, vim.fn.glob(M.folder .. '/src/*.c', true, true))
  local ended = vim.system(command, { text = true }):wait()
  return ended.code == 0, ended.stderr
end

--- Runs the program on the file of this buffer and shows its output in a new window.
local function say(words)
  vim.cmd.write({ mods = { silent = true, emsg_silent = true } })
  local ended = vim.system(words, { text = true, cwd = vim.fn.expand('%:p:h') }):wait()
  vim.cmd.new()
  vim.bo.buftype, vim.bo.bufhidden, vim.bo.swapfile = 'nofile', 'wipe', false
  local lines = vim.split(vim.trim((ended.stdout or '') .. '\n' .. (ended.stderr or '')), '\n')
  vim.api.nvim_buf_set_lines(0, 0, -1, false, lines)
  vim.bo.modifiable = false
end

--- Draws the funnels of this file and opens the image in the system's viewer.
function M.graph()
  vim.cmd.write({ mods = { silent = true, emsg_silent = true } })
  local words = M.command('graph', '--format', 'svg', vim.fn.expand('%:p'))
  local ended = vim.system(words, { text = true }):wait()
  if ended.code ~= 0 then return say(words) end
  local picture = vim.fn.tempname() .. '.svg'
  vim.fn.writefile(vim.split(ended.stdout, '\n'), picture)
  vim.ui.open(picture)
  return picture
end

--- Runs the tests of this file: those whose title contains `filter`, or all.
function M.test(filter)
  local words = M.command('test', vim.fn.expand('%:p'))
  if filter and filter ~= '' then vim.list_extend(words, { '--filter', filter }) end
  say(words)
end

--- Opens the studio: runs `funnelc serve` and opens the address that it prints, or shows its error.
function M.studio()
  local said, opened = '', false
  local function listen(_, lines)
    said = said .. table.concat(lines, '\n')
    local address = said:match('https?://[^%s\'"<>]+')
    if address and not opened then
      opened = true
      vim.ui.open(address)
    end
  end
  local function ended()
    if not opened then vim.notify('funnelc serve failed to start the studio: ' .. said, vim.log.levels.WARN) end
  end
  vim.fn.jobstart(M.command('serve'), { on_stdout = listen, on_stderr = listen, on_exit = ended })
end

--- Explains a finding: the one with `code`, or the one at the cursor.
function M.explain(code)
  if not code or code == '' then
    local here = vim.diagnostic.get(0, { lnum = vim.fn.line('.') - 1 })
    code = here[1] and here[1].code
  end
  if not code then return vim.notify('no finding on this line', vim.log.levels.WARN) end
  say(M.command('explain', tostring(code)))
  vim.bo.filetype = 'markdown'
end

return M
