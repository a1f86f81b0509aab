"""The annual report: figures by SQL (figures), their wording (notes), and the workbook rendered from them."""
