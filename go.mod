module ruptura

go 1.26
