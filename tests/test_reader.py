"""What `tdr.reader` reads and refuses; names carry the row of the reliability table."""

from tdr.reader import parse_yaml


def test_a_mapping_is_read_with_the_place_of_each_value() -> None:
    document = parse_yaml(b"a: 1\nb: [x, y]\n", "f.yaml")
    assert document.value == {"a": 1, "b": ["x", "y"]}
    assert document.value.value_marks["b"] == (2, 4)
    assert document.value["b"].marks == [(2, 5), (2, 8)]
