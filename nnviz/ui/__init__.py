"""What the reader touches and sees: the only Streamlit inside the package."""
