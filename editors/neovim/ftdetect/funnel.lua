-- Files that end in `.funnel` are funnels.
vim.filetype.add({ extension = { funnel = 'funnel' } })
