"""Will enforcing a policy break something that its window did not show?"""
