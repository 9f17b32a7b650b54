autocmd BufNewFile,BufRead *.funnel setfiletype funnel
