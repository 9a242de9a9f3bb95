"""From this tree to a stack in AWS, back to the release before, and away again."""
