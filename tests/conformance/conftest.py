"""A failing assertion of what the tests share shows what it compared, as one of their own does."""

import pytest

for _name in ("hosted", "homes"):
    pytest.register_assert_rewrite(f"tests.conformance.{_name}")
