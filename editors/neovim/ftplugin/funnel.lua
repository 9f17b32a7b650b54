-- Sets up a funnel buffer: indentation, comments, highlighting and folding.
if vim.b.did_ftplugin then return end
vim.b.did_ftplugin = true

vim.bo.commentstring = '# %s'
vim.bo.comments = ':##,:#'
vim.bo.expandtab, vim.bo.shiftwidth, vim.bo.softtabstop = true, 2, 2
vim.bo.suffixesadd = '.funnel'
vim.b.undo_ftplugin = 'setl commentstring< comments< expandtab< shiftwidth< softtabstop< suffixesadd<'

-- The parser highlights more precisely than syntax/funnel.vim, the fallback if it was not built.
if pcall(vim.treesitter.start, 0, 'funnel') then
  vim.wo[0][0].foldexpr = 'v:lua.vim.treesitter.foldexpr()'
  vim.b.undo_ftplugin = vim.b.undo_ftplugin .. ' foldexpr< | lua pcall(vim.treesitter.stop)'
end
