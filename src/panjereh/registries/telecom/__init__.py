"""Communications Regulatory Authority (Shahkar): whose mobile number it is, only yes or no."""
