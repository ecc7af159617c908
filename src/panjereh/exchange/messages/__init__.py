"""Messages beside calls (001 art 31(3)): what need not be answered now is kept, sealed for its
receiver, until the receiver has it."""
