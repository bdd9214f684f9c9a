"""Long computations in processes of their own, which can be ended, hold only so much memory, and end with their parent."""
