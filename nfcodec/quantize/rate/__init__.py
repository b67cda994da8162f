"""What codes cost and what they leave, told before any learning."""
