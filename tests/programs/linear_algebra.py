"""Products, factorisations and conjugate gradients."""

import numpy as np

A = np.array([[4.0, 1, 0], [1, 3, 1], [0, 1, 2]])
b = np.array([1.0, 2, 3])
x = np.linalg.solve(A, b)
print(x.round(8), np.allclose(A @ x, b), np.linalg.det(A).round(8), np.linalg.inv(A).round(6))
print(np.linalg.eigvalsh(A).round(6), np.linalg.norm(A).round(6), np.linalg.matrix_rank(A), np.trace(A))
Q, R = np.linalg.qr(A)
print(np.allclose(Q @ R, A))
L = np.linalg.cholesky(A)
print(L.round(5))
print(
    np.einsum("ij,j->i", A, b),
    np.einsum("ii", A),
    np.outer(b, b)[0],
    np.kron(np.eye(2), b)[1],
    np.cross(b, [1, 0, 0]),
    np.vdot(b, b),
    np.inner(A, b),
    np.tensordot(A, A, axes=1)[0],
    np.linalg.matrix_power(A, 2)[0],
    np.triu(A)[1],
    np.tril(A)[1],
    np.diag(A),
    np.diag(b)[1],
)
r = b - A @ np.zeros(3)
p = r.copy()
xk = np.zeros(3)
rs = r @ r
for i in range(3):
    Ap = A @ p
    al = rs / (p @ Ap)
    xk = xk + al * p
    r = r - al * Ap
    rn = r @ r
    p = r + rn / rs * p
    rs = rn
print(xk.round(8))
print(np.linalg.eig(A)[0].real.round(6))
print(np.linalg.svd(A)[1].round(6))
print((A @ A.T - A.T @ A).max(), A.T.dot(b), np.dot(2, 3), np.linalg.cond(A).round(6), np.linalg.pinv(A)[0].round(6))
