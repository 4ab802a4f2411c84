from recommender.report.matrix import group_matrix, namespace_matrix


def test_cells_count_edges_by_what_becomes_of_them(view):
    matrix = namespace_matrix(view)
    cell = matrix.at("shop", "data")
    assert (cell.allowed, cell.review, cell.denied) == (2, 1, 1)
    assert cell.title == "2 allowed, 1 allowed, for review, 1 denied"
    assert matrix.at("data", "shop") is None
    assert matrix.at("entity host", "shop").allowed == 1


def test_every_edge_is_in_one_cell(view):
    for matrix in (namespace_matrix(view), group_matrix(view)):
        assert sum(cell.allowed + cell.review + cell.denied for cell in matrix.cells.values()) == len(view["edges"])
        assert {row for row, _ in matrix.cells} == set(matrix.rows)
        assert {column for _, column in matrix.cells} == set(matrix.columns)


def test_what_is_in_no_namespace_stands_behind(view):
    matrix = namespace_matrix(view)
    assert matrix.rows == ("kube-system", "monitoring", "payments", "shop", "entity host", "entity world")
    assert matrix.columns[-2:] == ("entity kube-apiserver", "outside the cluster")
