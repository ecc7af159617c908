"""The deeds of developers and of the registrar. Each writes the site's history, and what staff
does stands in the book of acts as well."""
