"""How a page is drawn: Jinja overrides, Python hooks that run at build, and assets that go to the browser."""
