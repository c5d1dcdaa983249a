"""Copies the browser assets that are served out of `node_modules/` into `static/vendor/`.

Run as `python -m marketing_app.assets`, after npm has installed exactly what package-lock.json names.
"""

import json
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent

SERVED = {
    "htmx/htmx.min.js": "htmx.org/dist/htmx.min.js",
    "tabler/tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "tabler/tabler.min.js": "@tabler/core/dist/js/tabler.min.js",
    "echarts/echarts.min.js": "echarts/dist/echarts.min.js",
    "echarts/langRU.js": "echarts/i18n/langRU.js",
}
"""Path under static/vendor to path under node_modules."""


class AssetError(Exception):
    """The installed packages are not the ones that package.json asks for; the message says which and what to do."""


def copy_assets(root: Path) -> list[Path]:
    """Replace `static/vendor` of `root` by fresh copies and return them. Raises AssetError and then changes nothing."""
    modules, vendor = root / "node_modules", root / "static" / "vendor"
    check_versions(root / "package.json", modules)
    missing = [source for source in SERVED.values() if not (modules / source).is_file()]
    if missing:
        raise AssetError(f"not in node_modules: {', '.join(missing)}; run: npm ci --ignore-scripts")
    shutil.rmtree(vendor, ignore_errors=True)
    return [copy(modules / source, vendor / target) for target, source in SERVED.items()]


def check_versions(package: Path, modules: Path) -> None:
    """Raise AssetError unless every package is installed in the very version that `package` pins."""
    for name, wanted in json.loads(package.read_text())["dependencies"].items():
        manifest = modules / name / "package.json"
        installed = json.loads(manifest.read_text())["version"] if manifest.is_file() else "none"
        if installed != wanted:
            raise AssetError(f"{name}: {wanted} is wanted, {installed} is installed; run: npm ci --ignore-scripts")


def copy(source: Path, target: Path) -> Path:
    """Copy one file, without the pointer to a source map that is not served (browsers would ask for it in vain)."""
    target.parent.mkdir(parents=True, exist_ok=True)
    lines = source.read_text(encoding="utf-8").splitlines(keepends=True)
    target.write_text("".join(line for line in lines if "sourceMappingURL=" not in line[:40]), encoding="utf-8")
    return target


def main() -> int:
    try:
        copied = copy_assets(ROOT)
    except AssetError as error:
        print(f"Browser assets: {error}", file=sys.stderr)
        return 1
    size = sum(file.stat().st_size for file in copied)
    print(f"Browser assets: {len(copied)} files, {size / 2**20:.1f} MiB in static/vendor")
    return 0


if __name__ == "__main__":
    sys.exit(main())
