"""leaves"""
from talk import *
import subprocess
def run(t):
    subprocess.Popen(["sh","-c","setsid sleep 60 & exit"]).wait()
