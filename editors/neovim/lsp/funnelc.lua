-- The language server, for `vim.lsp.enable` of Neovim 0.11 and newer. `vim.lsp.config('funnelc', {..})` adds to it.
return {
  cmd = require('funnel').command('lsp'),
  filetypes = { 'funnel' },
  root_markers = { 'funnel.toml', '.git' },
}
