"""Social Security Organisation: lists of the insured that workshops send each month."""
