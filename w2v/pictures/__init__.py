"""Pictures of losses and of vectors: data first, drawn by Matplotlib when they are saved or shown."""
