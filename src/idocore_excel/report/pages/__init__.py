"""The pages of the report, a module each: a function that fills a paper, or tells that there is nothing to fill."""
