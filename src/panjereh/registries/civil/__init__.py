"""Civil registration (ثبت احوال): who a person is, the family, entering a newborn."""
