"""The registry loads all rules: a module of rules that a test imports before it would find the others half made."""

import marketing_app.checks.registry  # noqa: F401
