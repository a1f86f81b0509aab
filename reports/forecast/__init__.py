"""Supply and demand (供需预测): who leaves which posts in five years, and whom the reserve pool offers."""
