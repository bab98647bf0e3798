"""slow"""
TIME_LIMIT = 2
from talk import *
def run(t):
    h = t.listen()
    h.accept()
