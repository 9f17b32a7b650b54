-- Detects files that end in `.funnel`.
vim.filetype.add({ extension = { funnel = 'funnel' } })
