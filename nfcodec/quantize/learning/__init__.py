"""What codes learn from and under, stage by stage."""
