"""The old name: `import ga.gain as numpy` is `import gain as numpy`."""
