-- The configuration of the language server for `vim.lsp.enable` (Neovim 0.11 and newer), extended by
-- `vim.lsp.config('funnelc', {..})`.
return {
  cmd = require('funnel').command('lsp'),
  filetypes = { 'funnel' },
  root_markers = { 'funnel.toml', '.git' },
}
