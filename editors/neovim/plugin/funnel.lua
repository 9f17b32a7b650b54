-- Runs when Neovim starts: sets up the language server, formatting on save, and the commands.
if vim.g.loaded_funnel then return end
vim.g.loaded_funnel = true

local funnel = require('funnel')
local group = vim.api.nvim_create_augroup('funnel', {})

if vim.lsp.enable then
  vim.lsp.enable('funnelc')
else
  vim.api.nvim_create_autocmd('FileType', {
    group = group,
    pattern = 'funnel',
    callback = function(event) funnel.start(event.buf) end,
  })
end

vim.api.nvim_create_autocmd('BufWritePre', {
  group = group,
  pattern = '*.funnel',
  desc = 'format the funnel, unless vim.g.funnel_format_on_save is false',
  callback = function(event)
    local able = vim.lsp.get_clients({ bufnr = event.buf, name = 'funnelc', method = 'textDocument/formatting' })
    if vim.g.funnel_format_on_save ~= false and #able > 0 then
      vim.lsp.buf.format({ bufnr = event.buf, name = 'funnelc', timeout_ms = 2000 })
    end
  end,
})

-- Code lenses above tests and funnels.
vim.lsp.commands['funnelc.runTest'] = function(lens) funnel.test(lens.arguments[1].title) end
vim.lsp.commands['funnelc.openStudio'] = function() funnel.studio() end

local command = vim.api.nvim_create_user_command
command('FunnelGraph', function() funnel.graph() end, { desc = 'Draw the funnels of this file' })
command('FunnelTest', function(given) funnel.test(given.args) end, { nargs = '?', desc = 'Run the tests of this file' })
command('FunnelExplain', function(given) funnel.explain(given.args) end, { nargs = '?', desc = 'Explain a finding' })
command('FunnelStudio', function() funnel.studio() end, { desc = 'Open the studio' })
command('FunnelBuild', function()
  local built, said = funnel.build()
  local level = built and vim.log.levels.INFO or vim.log.levels.ERROR
  vim.notify(built and 'parser for funnels built; reopen the file' or said, level)
end, { desc = 'Build the parser for highlighting' })
