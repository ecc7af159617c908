from panjereh.sandbox.demo.main import main

__all__ = ["main"]
